// Options of the charts, in the colours and patterns of the page.
import type { Coverage, NeedState } from '../address/dimensions';
import type { ChartOption } from './echarts';

// A custom property comes back unresolved; a probe gives the colour of the current scheme.
function token(name: string): string {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(--${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

const turn = Math.PI / 4;
const plain = { symbol: 'none' };
const dots = () => ({
  symbol: 'circle',
  symbolSize: 0.9,
  dashArrayX: [
    [2.5, 2.5],
    [0, 2.5, 2.5, 0],
  ],
  dashArrayY: [2.5, 0],
  color: token('mark'),
});
const stripes = (thick: number, gap: number, rotation: number, colour: string) => ({
  symbol: 'rect',
  symbolSize: 1,
  dashArrayX: [1, 0],
  dashArrayY: [thick, gap],
  rotation,
  color: token(colour),
});

type Style = Record<string, unknown>;
const style = (fill: string, line: string, decal: object = plain, borderType: string | number[] = 'solid'): Style => ({
  color: token(fill),
  borderColor: token(line),
  borderWidth: 1,
  borderType,
  decal,
});

const needStyles: Record<NeedState, () => Style> = {
  STATED: () => style('need-stated', 'need-stated'),
  NONE_STATED: () => style('need-none', 'need-none-line'),
  NOT_ANSWERED: () => style('mark-ground', 'mark', dots()),
  WITHHELD: () => style('mark-ground', 'mark', stripes(1.2, 4.5, -turn, 'hatch')),
  NOT_ASKED: () => style('mark-ground', 'mark', plain, [2, 2]),
};
const coverageStyles: Record<Coverage, () => Style> = {
  UNADDRESSED: () => style('coverage-ground', 'coverage-line'),
  OFFERED: () => style('coverage-ground', 'coverage-line', stripes(1, 6, turn, 'coverage-line')),
  PLANNED: () => style('coverage-ground', 'coverage-line', stripes(2.2, 3.8, turn, 'coverage-line')),
  ONGOING: () => style('coverage-ground', 'coverage-line', stripes(4, 2, turn, 'coverage-line')),
  DELIVERED: () => style('coverage-mid', 'coverage-line'),
  RESOLVED: () => style('coverage-full', 'coverage-full'),
};

export interface Series {
  name: string;
  style: NeedState | Coverage;
  values: number[];
}

interface Bars {
  categories: string[];
  series: Series[];
  most: number; // end of the value axis, so that charts beside each other share their scale
  rtl: boolean;
  format: (value: number) => string;
  /** Bars lie, rows are labelled outside in HTML; or stand, with their categories below. */
  lying: boolean;
}

const styleOf = (name: Series['style']): Style =>
  name in needStyles ? needStyles[name as NeedState]() : coverageStyles[name as Coverage]();

/** Stacked bars in fixed order, the sum at their end. */
export function bars({ categories, series, most, rtl, format, lying }: Bars): ChartOption {
  const face = getComputedStyle(document.body).fontFamily;
  const sums = categories.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const value = {
    type: 'value' as const,
    min: 0,
    max: Math.max(most, 1),
    inverse: lying && rtl,
    show: false,
  };
  const category = {
    type: 'category' as const,
    data: categories,
    inverse: lying || rtl,
    axisTick: { show: false },
    axisLabel: lying ? { show: false } : { color: token('ink-3'), fontSize: 12, fontFamily: face, interval: 0 },
    axisLine: { show: true, lineStyle: { color: token('ink-3') } },
    ...(lying ? { position: rtl ? ('right' as const) : ('left' as const) } : {}),
  };
  return {
    animation: false,
    aria: { enabled: false, decal: { show: false } },
    textStyle: { fontFamily: face, fontSize: 12, color: token('ink-2') },
    grid: lying
      ? { left: rtl ? 44 : 1, right: rtl ? 1 : 44, top: 0, bottom: 0 }
      : { left: 0, right: 0, top: 20, bottom: 20 },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: token('paper'),
      borderColor: token('line-2'),
      textStyle: { color: token('ink'), fontSize: 12, fontFamily: face },
      axisPointer: { type: 'shadow', shadowStyle: { color: token('wash-2'), opacity: 0.5 } },
      // The default writes style attributes into HTML, which the content security policy refuses.
      formatter: (points: unknown) => tip(points as TipPoint[], format),
    },
    xAxis: lying ? value : category,
    yAxis: lying ? category : value,
    series: [
      ...series.map(({ name, style: of, values }) => ({
        type: 'bar' as const,
        name,
        stack: 'all',
        barWidth: lying ? 12 : '68%',
        // A bar of no length would still have its outline.
        data: values.map((length) => (length === 0 ? '-' : length)),
        itemStyle: styleOf(of),
      })),
      {
        // Of no length: carries the sum beyond the last part.
        type: 'bar' as const,
        name: '',
        stack: 'all',
        data: sums.map(() => 0),
        label: {
          show: true,
          position: lying ? (rtl ? ('left' as const) : ('right' as const)) : ('top' as const),
          color: token('ink-2'),
          fontSize: 12,
          fontFamily: face,
          formatter: ({ dataIndex }: { dataIndex: number }) => format(sums[dataIndex] ?? 0),
        },
        itemStyle: { color: 'transparent' },
        tooltip: { show: false },
      },
    ],
  };
}

interface TipPoint {
  name: string;
  seriesName: string;
  value: number | string;
}

function tip(points: TipPoint[], format: (value: number) => string): HTMLElement {
  const box = document.createElement('div');
  box.dir = 'auto';
  const parts = points.filter(({ seriesName }) => seriesName).map(({ seriesName, value }) => `${seriesName} ${format(Number(value) || 0)}`);
  box.textContent = [points[0]?.name ?? '', ...parts].filter(Boolean).join(' · ');
  return box;
}
