import { useEffect, useRef } from 'react';
import { useScheme } from '../parts/theme';
import { useTexts } from '../texts/useTexts';
import { type ChartOption, init } from './echarts';

interface Props {
  /** What the picture says, in one sentence: the numbers stand in the table beside it. */
  sentence: string;
  height: number;
  /** Called again when colours, language or data change. */
  option: (rtl: boolean) => ChartOption;
}

export function Chart({ sentence, height, option }: Props) {
  const { rtl, language } = useTexts();
  const scheme = useScheme();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const chart = init(element, undefined, { renderer: 'svg' });
    chart.setOption(option(rtl));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
    // `scheme` and `language` stand for the colours and the face that the option reads from the page.
  }, [option, rtl, scheme, language]);

  // Always left to right: mirrored axes are the option's work, and mirrored text would be cut off.
  return <div ref={box} className="chart" dir="ltr" role="img" aria-label={sentence} style={{ blockSize: height }} />;
}
