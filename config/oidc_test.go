package config

import (
	"strings"
	"testing"
)

const goodOIDC = `public_url = "https://sms.town.example"
[oidc]
issuer = "https://id.town.example"
client_id = "relais"
client_secret = "s3cret"
roles_claim = "groups"
[oidc.roles]
"cn=sms,ou=groups" = ["agent@town-hall", "reader@library"]
admins = ["admin"]
`

func TestOIDC(t *testing.T) {
	cfg, err := load("relais.toml", []byte(goodOIDC), noEnv, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	grants := cfg.OIDC.Grants()
	if len(grants) != 2 || len(grants["cn=sms,ou=groups"]) != 2 || grants["admins"][0].String() != "admin" {
		t.Errorf("%+v", grants)
	}
	if shown := cfg.Redacted(); strings.Contains(shown, "s3cret") || !strings.Contains(shown, `"admins" = ["admin"]`) {
		t.Error(shown)
	}
}

func TestOIDCRefusals(t *testing.T) {
	for name, tc := range map[string]struct{ from, to, line, why string }{
		"no address":        {`public_url = "https://sms.town.example"`, "", "issuer", "needs public_url"},
		"plain HTTP":        {`"https://id.town.example"`, `"http://id.town.example"`, "issuer", "want the https:// address"},
		"a query":           {`"https://id.town.example"`, `"https://id.town.example/?a=b"`, "issuer", "without user, question mark"},
		"no client":         {`client_id = "relais"`, ``, "client_id", "missing; the provider gives it"},
		"no secret":         {`client_secret = "s3cret"`, ``, "client_secret", "client_secret_file names a file"},
		"no openid":         {`roles_claim`, "scopes = [\"email\"]\nroles_claim", "scopes", `"openid" among them`},
		"pkce":              {`roles_claim`, "pkce = \"yes\"\nroles_claim", "pkce", "auto, on, off"},
		"claims":            {`roles_claim`, "claims = \"amr\"\nroles_claim", "claims", "want a JSON object"},
		"siret":             {`roles_claim`, "siret = [\"213 502 388 00019\"]\nroles_claim", "siret", "14 digits"},
		"acr":               {`roles_claim`, "trust_acr = [\"eidas 2\"]\nroles_claim", "trust_acr", "without spaces"},
		"no such role":      {`["admin"]`, `["king"]`, "roles.admins", "There is no role king"},
		"no account":        {`["admin"]`, `["agent"]`, "roles.admins", `"agent": The role agent is one for an account`},
		"of the whole":      {`["admin"]`, `["admin@town-hall"]`, "roles.admins", "for the whole gateway"},
		"no claim":          {`roles_claim = "groups"`, ``, "roles_claim", "such as \"groups\""},
		"nobody can get in": {`issuer = "https://id.town.example"`, "local = false", "local", "set issuer"},
	} {
		_, err := load("relais.toml", []byte(strings.Replace(goodOIDC, tc.from, tc.to, 1)), noEnv, Parts{})
		if err == nil || !strings.Contains(err.Error(), "oidc."+tc.line+": ") || !strings.Contains(err.Error(), tc.why) ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if french := err.(*Error).In("fr"); french == err.Error() { //nolint:errorlint // of load itself
			t.Errorf("%s is not in French: %s", name, french)
		}
	}
}

func noEnv(string) (string, bool) { return "", false }
