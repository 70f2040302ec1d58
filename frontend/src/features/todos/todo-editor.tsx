import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button';
import styles from './todo-editor.module.css';

interface TodoEditorProps {
  text: string;
  /** What the person had typed before, when they come back to it. */
  draft: string | undefined;
  onType: (text: string) => void;
  onSave: (text: string) => void;
  onCancel: () => void;
}

/** Edits a text in its place. Enter saves, Escape doesn't. */
export function TodoEditor({ text, draft, onType, onSave, onCancel }: TodoEditorProps) {
  const [typed, setTyped] = useState(draft ?? text);
  const [isNew] = useState(draft === undefined);
  const field = useRef<HTMLInputElement>(null);
  const trimmed = typed.trim();

  useEffect(() => {
    if (!isNew) return;
    field.current?.focus();
    field.current?.select();
  }, [isNew]);

  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed) onSave(trimmed);
      }}
    >
      <input
        ref={field}
        className="field"
        aria-label={`Edit ${text}`}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          onType(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel();
        }}
        autoComplete="off"
        dir="auto"
      />
      <Button type="submit">Save</Button>
      <Button variant="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  );
}
