module encore.app/e2e

go 1.26.0
