{
	"id": "",
	"global_cors": {
		"allow_origins_with_credentials": ["http://localhost:5173"]
	}
}
