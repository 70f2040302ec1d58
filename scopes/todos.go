package scopes

import "maps"

func init() {
	maps.Copy(scopes, map[string]string{
		"scope-read-todos":  "read:todos",
		"scope-write-todos": "write:todos",
	})
}
