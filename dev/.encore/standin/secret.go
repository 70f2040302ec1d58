package standin

import (
	"os"
	"sync"
)

// SecretsEnv is the environment variable with the secrets, a JSON object.
const SecretsEnv = "ENCORE_STANDIN_SECRETS"

var secrets = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	if err := json.Unmarshal([]byte(os.Getenv(SecretsEnv)), &all); err != nil {
		panic(SecretsEnv + " is not what the standin command makes of it")
	}
	return all
})

// Secret returns a secret. It is empty if it is missing, as on every local Encore.
func Secret(name string) string { return secrets()[name] }
