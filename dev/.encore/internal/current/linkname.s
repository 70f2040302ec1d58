// A file in assembly lets current.go declare a function without a body.
