// Line icons on a grid of 16. Never without a word beside them, so always hidden from readers.
const shapes = {
  down: 'M3 5.75l5 5 5-5',
  next: 'M6 3l5 5-5 5',
  check: 'M3 8.5l3.4 3.4L13 4.6',
  close: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.2L1.6 13.5h12.8zM8 6.6v3.2M8 11.7v.1',
  error: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6',
  info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M8 7.4v4M8 4.7v.1',
  download: 'M8 2v8.2M4.6 6.9L8 10.3l3.4-3.4M2.5 13.5h11',
  link: 'M6.4 9.6l3.2-3.2M7.2 4.4l1.1-1.1a3.1 3.1 0 0 1 4.4 4.4l-1.1 1.1M8.8 11.6l-1.1 1.1a3.1 3.1 0 0 1-4.4-4.4l1.1-1.1',
  swap: 'M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  file: 'M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3',
  clock: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M8 4.5V8l2.5 1.8',
  plus: 'M8 3v10M3 8h10',
  retry: 'M13 8a5 5 0 1 1-1.4-3.5M13.2 2v3h-3',
  offline: 'M2 2l12 12M4.6 6.7a7 7 0 0 0-1.7 1.2M8.2 5a7 7 0 0 1 4.9 2.3M6 10.4a3 3 0 0 1 4 0M8 13v.1',
  pen: 'M2.5 13.5l.8-3.2L11 2.6 13.4 5l-7.7 7.7z',
  print: 'M4.5 5.5v-4h7v4M4.5 11.5h-3v-6h13v6h-3M4.5 9.5h7v5h-7z',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg className={className ? `icon ${className}` : 'icon'} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
