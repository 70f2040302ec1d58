import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button';
import styles from './todo-editor.module.css';

interface TodoEditorProps {
  text: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}

/** Edits a text in its place. Enter saves, Escape doesn't. */
export function TodoEditor({ text, onSave, onCancel }: TodoEditorProps) {
  const [draft, setDraft] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  const trimmed = draft.trim();

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

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
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
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
