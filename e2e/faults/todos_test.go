package faults

type todo struct {
	ID      int64  `json:"id"`
	Text    string `json:"text"`
	Version int64  `json:"version"`
}

func init() {
	scope += " read:todos write:todos"
	withDatabase = append(withDatabase, "todos")
	needDatabase = append(needDatabase, "/todos", "/todos/1")
	workKinds = append(workKinds, newTodos)
}
