module encore.app

go 1.26.0

require (
	github.com/MicahParks/jwkset v0.11.3
	github.com/MicahParks/keyfunc/v3 v3.9.0
	github.com/golang-jwt/jwt/v5 v5.3.1
)

require (
	golang.org/x/sync v0.24.0
	golang.org/x/time v0.15.0 // indirect
)
