import { useEffect, useState } from 'react';

const today = (): string => new Date().toISOString().slice(0, 10);

/** The day in UTC, in which all days of the system are; renewed when the page is looked at again. */
export function useToday(): string {
  const [day, setDay] = useState(today);
  useEffect(() => {
    const renew = () => setDay(today());
    document.addEventListener('visibilitychange', renew);
    return () => document.removeEventListener('visibilitychange', renew);
  }, []);
  return day;
}
