import { useId, type InputHTMLAttributes, type Ref } from 'react';
import styles from './todo-field.module.css';

const maxCharacters = 500;

interface TodoFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  ref?: Ref<HTMLInputElement>;
  value: string;
  onChange: (text: string) => void;
}

/** The field for a todo's text. A text that is too long stays, so that nothing pasted is cut off. */
export function TodoField({ value, onChange, ...rest }: TodoFieldProps) {
  const problemId = useId();
  const excess = excessOf(value);
  return (
    <div className={styles.wrapper}>
      <input
        {...rest}
        className="field"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        aria-invalid={excess > 0}
        aria-describedby={problemId}
        autoComplete="off"
        dir="auto"
      />
      <p id={problemId} role="status" className="problem">
        {excess > 0 &&
          `Too long by ${String(excess)}: the limit is ${String(maxCharacters)} characters.`}
      </p>
    </div>
  );
}

/** Whether a text can be saved: it has something in it and is not too long. */
export function isTodoText(text: string): boolean {
  return text.trim() !== '' && excessOf(text) === 0;
}

/** By how many characters the text is too long. They are counted as people do, like in the API. */
function excessOf(text: string): number {
  const trimmed = text.trim();
  if (trimmed.length <= maxCharacters) return 0;
  const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(trimmed);
  return Math.max(0, [...characters].length - maxCharacters);
}
