#include "platform/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <shared_mutex>
#include <sstream>
#include <utility>
#include <vector>

#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

const prometheus::Histogram::BucketBoundaries& buckets() {
  static const prometheus::Histogram::BucketBoundaries kSeconds{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
      0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return kSeconds;
}

class CounterSeries final : public Metrics::Counter {
 public:
  explicit CounterSeries(prometheus::Counter& series) : series_(series) {}
  void add(double amount) override { series_.Increment(amount); }
  double value() const override { return series_.Value(); }

 private:
  prometheus::Counter& series_;
};

class GaugeSeries final : public Metrics::Gauge {
 public:
  explicit GaugeSeries(prometheus::Gauge& series) : series_(series) {}
  void set(double value) override { series_.Set(value); }
  double value() const override { return series_.Value(); }

 private:
  prometheus::Gauge& series_;
};

class HistogramSeries final : public Metrics::Histogram {
 public:
  explicit HistogramSeries(prometheus::Histogram& series) : series_(series) {}
  void observe(double value) override { series_.Observe(value); }

 private:
  prometheus::Histogram& series_;
};

// All series of one kind. `Ours` is how others see a series, `Theirs` the library's.
template <class Ours, class Theirs, class Wrapper>
class Series {
 public:
  // `build` registers a family; `extra` are the constructor's arguments of a series.
  template <class Builder, class... Extra>
  Ours& get(prometheus::Registry& registry, const Builder& build, const std::string& name,
            const std::string& help, const Labels& labels, const Extra&... extra) {
    {
      const std::shared_lock guard(mutex_);
      const auto family = families_.find(name);
      if (family != families_.end()) {
        const auto found = family->second.series.find(labels);
        if (found != family->second.series.end()) return *found->second;
      }
    }
    const std::unique_lock guard(mutex_);
    Family& family = families_[name];
    std::unique_ptr<Ours>& slot = family.series[labels];
    if (slot) return *slot;
    try {
      if (family.theirs == nullptr) {
        family.theirs = &build().Name(name).Help(help).Register(registry);
      }
      slot = std::make_unique<Wrapper>(
          family.theirs->Add(prometheus::Labels(labels.begin(), labels.end()), extra...));
    } catch (const std::exception& wrong) {
      // A malformed name, or one that another kind has: a defect, but not one to stop a service
      // for. The series counts, and nobody sees it.
      log::error("metric refused", {{"name", name}, {"why", wrong.what()}});
      hidden_.push_back(std::make_unique<Theirs>(extra...));
      slot = std::make_unique<Wrapper>(*hidden_.back());
    }
    return *slot;
  }

 private:
  struct Family {
    prometheus::Family<Theirs>* theirs = nullptr;
    std::map<Labels, std::unique_ptr<Ours>> series;
  };
  std::shared_mutex mutex_;
  std::map<std::string, Family> families_;
  std::vector<std::unique_ptr<Theirs>> hidden_;
};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Throw};
  Series<Counter, prometheus::Counter, CounterSeries> counters;
  Series<Gauge, prometheus::Gauge, GaugeSeries> gauges;
  Series<Histogram, prometheus::Histogram, HistogramSeries> histograms;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Metrics::Counter& Metrics::counter(const std::string& name, const std::string& help,
                                   const Labels& labels) {
  return state_->counters.get(state_->registry, prometheus::BuildCounter, name, help, labels);
}

Metrics::Gauge& Metrics::gauge(const std::string& name, const std::string& help,
                               const Labels& labels) {
  return state_->gauges.get(state_->registry, prometheus::BuildGauge, name, help, labels);
}

Metrics::Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                                       const Labels& labels) {
  return state_->histograms.get(state_->registry, prometheus::BuildHistogram, name, help, labels,
                                buckets());
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
  return std::move(out).str();
}

}  // namespace uncac::platform
