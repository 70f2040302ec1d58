import { useState } from 'react';
import { Button } from '../../components/button';
import styles from './add-todo.module.css';
import { useDraft } from './unsaved/use-draft';
import type { TodoChange } from './todo-changes';
import { isTodoText, TodoField } from './todo-field';
import type { Owner } from './todo-lists';

/** The field for a new todo. It is ready for the next one at once. */
export function AddTodo({ owner, onAdd }: { owner: Owner; onAdd: (change: TodoChange) => void }) {
  const [text, setText] = useDraft('new-todo', owner ?? null);
  const [added, setAdded] = useState('');

  const submit = () => {
    const trimmed = text.trim();
    if (!isTodoText(text)) return;
    onAdd({ kind: 'add', key: crypto.randomUUID(), text: trimmed });
    setAdded(trimmed);
    setText('');
  };

  return (
    <form
      className={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor="new-todo" className="visually-hidden">
        New todo
      </label>
      <TodoField id="new-todo" value={text} onChange={setText} placeholder="What is there to do?" />
      <Button type="submit">Add</Button>
      <p role="status" className="visually-hidden">
        {added && `Added: ${added}`}
      </p>
    </form>
  );
}
