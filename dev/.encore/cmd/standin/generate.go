package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"text/template"
)

// output is what is generated for an application, in a folder of its own. The
// Go files get into its packages by the overlay, so that no file of the
// application changes and unexported names can be reached as Encore reaches them.
type output struct {
	dir         string
	overlay     string // for go build -overlay
	workspace   string // for GOWORK
	mainPackage string
}

func generate(a *app, encoreModule string) (*output, error) {
	b := &output{dir: filepath.Join(a.root, ".data", "standin"), mainPackage: a.module + "/_standin"}
	b.overlay, b.workspace = filepath.Join(b.dir, "overlay.json"), filepath.Join(b.dir, "go.work")
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return nil, err
	}

	replace := map[string]string{}
	add := func(path, name string, t *template.Template, data any) error {
		var buf bytes.Buffer
		if err := t.Execute(&buf, data); err != nil {
			return err
		}
		source, err := format.Source(buf.Bytes())
		if err != nil {
			return err
		}
		replace[path] = filepath.Join(b.dir, name)
		return os.WriteFile(replace[path], source, 0o644)
	}
	for _, s := range a.Services {
		// It takes the place of the file of this name that the Encore CLI may have left.
		if err := add(filepath.Join(s.dir, "encore.gen.go"), s.Name+".go", serviceTemplate, s); err != nil {
			return nil, err
		}
	}
	if err := add(filepath.Join(a.root, "_standin", "main.go"), "main.go", mainTemplate, a); err != nil {
		return nil, err
	}

	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(b.overlay, overlay, 0o644); err != nil {
		return nil, err
	}
	workspace := fmt.Sprintf("go 1.26.0\n\nuse (\n\t%q\n\t%q\n)\n", a.root, encoreModule)
	return b, os.WriteFile(b.workspace, []byte(workspace), 0o644)
}

var serviceTemplate = template.Must(template.New("service").Funcs(template.FuncMap{"quote": quote}).Parse(`
package {{.Name}}

import "encore.dev/standin"

{{- range .Imports}}
import {{.}}
{{- end}}

func init() {
{{- range .Secrets}}
	secrets.{{.}} = standin.Secret({{quote .}})
{{- end}}
{{- if .StructName}}
	standin.RegisterService({{quote .Name}}, {{if .InitFunc}}{{.InitFunc}}{{else}}func() (*{{.StructName}}, error) { return new({{.StructName}}), nil }{{end}})
{{- end}}
{{- if .AuthHandler}}
	standin.RegisterAuthHandler({{quote .Name}}, {{quote .AuthHandler.Name}}, {{.AuthHandler.Expr}})
{{- end}}
{{- range .Middleware}}
	standin.RegisterMiddleware(standin.Middleware{Package: {{quote $.ImportPath}}, Name: "{{$.Name}}.{{.Name}}", Func: {{.Expr}}})
{{- end}}
{{- range .Endpoints}}
	standin.RegisterEndpoint(standin.Endpoint{
		Service: {{quote $.Name}}, Name: {{quote .Name}}, Access: {{quote .Access}},
		Methods: {{printf "%#v" .Methods}}, Path: {{quote .Path}}, Tags: {{printf "%#v" .Tags}}, Raw: {{.Raw}}, Func: {{.Expr}},
	})
{{- end}}
}
{{range .Callers}}
func {{.Name}}({{.Params}}) ({{.Results}}) {
	service, err := standin.Instance[{{.Receiver}}]()
	if err == nil {
		{{.Assigned}} = service.{{.Name}}({{.Arguments}})
	}
	return
}
{{end}}`))

var mainTemplate = template.Must(template.New("main").Funcs(template.FuncMap{"quote": quote}).Parse(`
package main

import (
	"encore.dev/standin"
{{range .Services}}
	_ {{quote .ImportPath}}
{{- end}}
)

func main() { standin.Main() }
`))

func quote(s string) string { return fmt.Sprintf("%q", s) }
