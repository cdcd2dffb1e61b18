// Counters, gauges and histograms for Prometheus. prometheus-cpp is included in metrics.cc alone.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace uncac::platform {

using Labels = std::map<std::string, std::string>;

// Owns all series of a process. Safe for concurrent use; a look-up by the same name and labels
// gives the same series, and references stay valid as long as this object.
class Metrics {
 public:
  class Counter {
   public:
    virtual ~Counter() = default;
    virtual void add(double amount = 1) = 0;
    virtual double value() const = 0;
  };
  class Gauge {
   public:
    virtual ~Gauge() = default;
    virtual void set(double value) = 0;
    virtual double value() const = 0;
  };
  class Histogram {
   public:
    virtual ~Histogram() = default;
    virtual void observe(double value) = 0;  // seconds, by convention of the names `…_seconds`
  };

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Buckets from 100 µs to 10 s.
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {});
  // The text form that Prometheus reads.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::platform
