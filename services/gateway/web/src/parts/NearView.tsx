// Renders what is inside only when it comes near the window: what nobody scrolls to is not fetched.
// Printing fetches all of it.
import { type ReactNode, useEffect, useRef, useState } from 'react';

export function NearView({ height, children }: { height: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || !place.current) return;
    const show = () => setNear(true);
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) show();
      },
      { rootMargin: '400px' },
    );
    observer.observe(place.current);
    window.addEventListener('beforeprint', show);
    return () => {
      observer.disconnect();
      window.removeEventListener('beforeprint', show);
    };
  }, [near]);
  return (
    <div ref={place} style={near ? undefined : { minBlockSize: height }}>
      {near && children}
    </div>
  );
}
