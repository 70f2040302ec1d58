{
	// Set by `encore app link` or `encore app init` when you deploy to Encore Cloud.
	"id": "",

	// A request with an Authorization header counts as one with credentials,
	// so the origins of the SPA are named one by one. "*" is not allowed here.
	"global_cors": {
		"allow_origins_with_credentials": [
			"http://localhost:5173",
			"http://127.0.0.1:5173"
		]
	}
}
