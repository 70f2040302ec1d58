import { useId } from 'react';
import { setTheme, useTheme, type Theme } from './theme';
import styles from './theme-switch.module.css';

const labels: [Theme, string][] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function ThemeSwitch() {
  const name = useId();
  const theme = useTheme();
  return (
    <fieldset className={styles.switch}>
      <legend>Theme</legend>
      {labels.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={theme === value}
            onChange={() => {
              setTheme(value);
            }}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
