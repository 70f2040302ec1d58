import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button';
import styles from './todo-editor.module.css';
import { isTodoText, TodoField } from './todo-field';

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
        if (isTodoText(typed)) onSave(typed.trim());
      }}
    >
      <TodoField
        ref={field}
        aria-label={`Edit ${text}`}
        value={typed}
        onChange={(changed) => {
          setTyped(changed);
          onType(changed);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel();
        }}
      />
      <Button type="submit">Save</Button>
      <Button variant="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  );
}
