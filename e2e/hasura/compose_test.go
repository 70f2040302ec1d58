package hasura

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type composeFile struct {
	Services map[string]struct {
		Image       string
		Volumes     []string
		Environment map[string]string
	}
}

func compose(t *testing.T) composeFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "deploy/hasura/compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c composeFile
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`:v?\d+\.\d+`)
	services := compose(t).Services
	if len(services) != 2 {
		t.Errorf("%d services, want 2", len(services))
	}
	for name, service := range services {
		if !pinned.MatchString(service.Image) {
			t.Errorf("%s: the image %s has no version", name, service.Image)
		}
	}
}

func TestDatabasesHaveAddresses(t *testing.T) {
	environment := compose(t).Services["hasura"].Environment
	found, _ := sources(t)
	if len(found) != 2 {
		t.Errorf("%d databases, want 2", len(found))
	}
	for _, s := range found {
		if name := s.Configuration.ConnectionInfo.DatabaseURL.FromEnv; environment[name] == "" {
			t.Errorf("%s: the environment does not set %s", s.Name, name)
		}
	}
}

func TestHookAndAudienceMatchBackend(t *testing.T) {
	setting := compose(t).Services["hasura"].Environment["HASURA_GRAPHQL_AUTH_HOOK"]
	_, address, ok := strings.Cut(strings.TrimSuffix(setting, "}"), ":-")
	if !ok {
		t.Fatalf("the hook %q has no default", setting)
	}
	hook, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "hasura/hasura.go", "path="+hook.Path+"\n")
	contains(t, "auth/config.cue", `"`+hook.Query().Get("resource")+`"`)
}

func contains(t *testing.T, file, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), text) {
		t.Errorf("%s does not contain %s", file, text)
	}
}
