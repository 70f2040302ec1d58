// Command standin builds, runs and tests an Encore application with the stock
// Go toolchain and the stand-in for the Encore runtime.
//
//	standin run [-listen address] [-replace old=new]
//	standin test [go test flags]
//	standin gen      write what editors and linters need
//	standin check    find endpoints without a scope and fields that must not be in traces
//	standin types    print the types of the endpoints in TypeScript
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"encore.dev/standin"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: standin run [-listen address] [-replace old=new] | standin test [go test flags] | standin gen | standin check | standin types")
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if !exists(filepath.Join(root, "encore.app")) {
		return fmt.Errorf("there is no encore.app here: use this command in the application's folder")
	}
	app, err := parseApp(root)
	if err != nil {
		return err
	}
	switch args[0] {
	case "check":
		return app.check()
	case "types":
		types, err := app.typeScript()
		os.Stdout.Write(types)
		return err
	}
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	listen := flags.String("listen", "localhost:4000", "`address` to listen on")
	replace := flags.String("replace", "", "`old=new`: replace an address in the configuration")
	if args[0] == "run" {
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
	}
	env, err := environment(app, *replace)
	if err != nil {
		return err
	}
	out, err := generate(app, moduleRoot())
	if err != nil {
		return err
	}
	env = append(env, "GOWORK="+out.workspace)

	switch args[0] {
	case "run":
		binary := filepath.Join(out.dir, "app")
		if err := goCommand(root, env, "build", "-buildvcs=false", "-overlay", out.overlay, "-o", binary, out.mainPackage); err != nil {
			return err
		}
		// Replacing this process lets signals reach the application.
		return syscall.Exec(binary, []string{binary}, append(env, standin.ListenEnv+"="+*listen))
	case "gen":
		return nil
	case "test":
		return goCommand(root, env, append([]string{"test", "-overlay", out.overlay}, args[1:]...)...)
	}
	return fmt.Errorf("unknown command %q", args[0])
}

func goCommand(dir string, env []string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", args[0], err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// moduleRoot returns the folder of the module that this command is built from.
func moduleRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
