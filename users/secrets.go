package users

// secrets are set with `encore secret set`, or locally in .secrets.local.cue.
var secrets struct {
	// LogtoWebhookSigningKey is the signing key of the webhook in Logto.
	LogtoWebhookSigningKey string
	// LogtoManagementSecret is the secret of the machine-to-machine application
	// that reads people from Logto's Management API.
	LogtoManagementSecret string
}
