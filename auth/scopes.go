package auth

// scopes are the scopes that an endpoint can require, by the tag beside its
// directive. A scope such as read:todos can't be a tag by itself: Encore allows
// no colon there.
var scopes = map[string]string{
	"scope-read-todos":  "read:todos",
	"scope-write-todos": "write:todos",
	"scope-read-users":  "read:users",
}
