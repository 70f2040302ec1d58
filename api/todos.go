package api

import (
	"context"

	"encore.app/todos"
)

func init() {
	parts["todos"] = func(ctx context.Context) error { return todos.Ready(ctx) }
}
