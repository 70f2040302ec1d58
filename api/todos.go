package api

import (
	"context"

	"encore.app/todos"
)

func init() {
	checks["todos"] = func(ctx context.Context) error { return todos.Ready(ctx) }
}
