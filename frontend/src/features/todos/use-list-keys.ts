import { useEffect, type RefObject } from 'react';

/**
 * Keys for a list whose rows have a checkbox and buttons with `data-key`: up, down, home and end go
 * from row to row, and a key that a button names presses it in the row that has the focus.
 */
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { current } = list;
      const { target } = event;
      if (!current || !(target instanceof HTMLElement) || !current.contains(target)) return;
      // In a text field these keys move the cursor and delete letters.
      if (target.matches('input:not([type="checkbox"])') || hasModifier(event)) return;

      const rows = [...current.children];
      const index = rows.findIndex((row) => row.contains(target));
      const next = rows[destination(event.key, index, rows.length)];
      const control =
        next?.querySelector<HTMLElement>('input[type="checkbox"]') ??
        rows[index]?.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`);
      if (!control) return;
      event.preventDefault();
      if (next) control.focus();
      else control.click();
    };

    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
    };
  }, [list]);
}

function hasModifier({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return altKey || ctrlKey || metaKey || shiftKey;
}

/** The row that a key leads to, or -1. */
function destination(key: string, index: number, count: number): number {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}
