package config

import (
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/reason"
)

// OIDC says by which provider of identities people sign in.
type OIDC struct {
	Issuer       string              `toml:"issuer" doc:"The provider, as it writes its own address, to the last slash; its discovery is behind /.well-known/openid-configuration. Empty means that people sign in by password alone." example:"https://id.town.example"`
	Name         string              `toml:"name" doc:"How people call the provider, on the button." example:"ProConnect"`
	ClientID     string              `toml:"client_id" doc:"Name of this gateway at the provider, which it gives when the gateway is registered there." example:"relais"`
	ClientSecret connector.Secret    `toml:"client_secret" doc:"Secret that it gives with it."`
	ClientAuth   string              `toml:"client_auth" doc:"How that secret is handed over: basic, in a header; post, in the form; auto, as the provider's discovery says."`
	Scopes       []string            `toml:"scopes" doc:"What is asked for; openid must be among them."`
	PKCE         string              `toml:"pkce" doc:"Proof that the code comes back to who asked for it (RFC 7636, S256): auto, when the provider's discovery lists it; on; off, for providers that refuse parameters that they do not know."`
	Local        bool                `toml:"local" doc:"Whether people sign in by password too. With false only accounts for emergencies do: relais users emergency NAME."`
	TrustEmail   bool                `toml:"trust_email" doc:"Take mail addresses that the provider does not mark as verified, for who comes the first time. Only for one that gives nobody an address that is not theirs."`
	RolesClaim   string              `toml:"roles_claim" doc:"Claim with the groups or roles of a person, from which roles here are made at each sign-in; a point leads into an object. Empty means that administrators give roles here." example:"groups"`
	Roles        map[string][]string `toml:"roles" doc:"Which roles a value of that claim gives here; operator and admin are for the whole gateway and stand alone. [oidc.roles] with a line for each value is the same." example:"{ \"sms-agents\" = [\"agent@town-hall\"], \"sms-admins\" = [\"admin\"] }"`
	TrustACR     []string            `toml:"trust_acr" doc:"Values of the claim acr that are as good as the second step of this gateway. Empty: roles that need one ask for it here." example:"eidas2"`
	TrustAMR     []string            `toml:"trust_amr" doc:"The same for the claim amr: one of them is enough." example:"mfa"`
	ACRValues    []string            `toml:"acr_values" doc:"Levels that the provider is asked for, best first. Empty: the parameter is not sent." example:"eidas2"`
	Claims       string              `toml:"claims" doc:"The parameter claims, as JSON, for providers that tell some claims only when they are asked. Empty: it is not sent." example:"{\"id_token\":{\"amr\":{\"essential\":true}}}"`
	Siret        []string            `toml:"siret" doc:"Establishments whose people may sign in, by the claim siret of ProConnect: 14 digits each. Empty: it is not looked at." example:"21350238800019"`
}

func defaultOIDC() OIDC {
	return OIDC{ClientAuth: "auto", PKCE: "auto", Local: true, Scopes: []string{"openid", "email", "profile"}}
}

// Grants are the roles that each value of the claim gives.
func (o OIDC) Grants() map[string][]auth.Grant {
	grants := map[string][]auth.Grant{}
	for value, roles := range o.Roles {
		for _, text := range roles {
			if g, err := auth.ReadGrant(text); err == nil {
				grants[value] = append(grants[value], g)
			}
		}
	}
	return grants
}

var (
	siret = regexp.MustCompile(`^[0-9]{14}$`)
	// scopeWord is a scope, or a value of acr and amr (RFC 6749, section 3.3).
	scopeWord = regexp.MustCompile(`^[!#-\[\]-~]+$`)
)

// checkOIDC judges how people sign in elsewhere. Without a provider the rest may stand
// there and says nothing, but passwords must go on.
func (c Config) checkOIDC() []section.Finding {
	o := c.OIDC
	asked := o.Issuer != ""
	unless := func(ok bool, why reason.Code) reason.Reason { return section.Unless(ok || !asked, why) }
	found := section.Findings(path{"oidc"}, []section.Judged{
		{Key: "issuer", Wrong: section.WrongURL(o.Issuer)},
		{Key: "issuer", Wrong: unless(isIssuer(o.Issuer), whyOIDCIssuer)},
		{Key: "issuer", Wrong: unless(c.PublicURL != "", whyOIDCPublicURL)},
		{Key: "client_id", Wrong: unless(o.ClientID != "", whyOIDCClient)},
		{Key: "client_secret", Wrong: unless(o.ClientSecret != "", whyOIDCSecret)},
		{Key: "client_auth", Wrong: section.WrongWord(o.ClientAuth, "auto", "basic", "post")},
		{
			Key:   "scopes",
			Wrong: section.Unless(slices.Contains(o.Scopes, "openid") && allWords(o.Scopes), whyOIDCScopes),
		},
		{Key: "pkce", Wrong: section.WrongWord(o.PKCE, "auto", "on", "off")},
		{Key: "local", Wrong: section.Unless(o.Local || asked, whyOIDCLocal)},
		{Key: "trust_acr", Wrong: section.Unless(allWords(o.TrustACR), whyOIDCWords)},
		{Key: "trust_amr", Wrong: section.Unless(allWords(o.TrustAMR), whyOIDCWords)},
		{Key: "acr_values", Wrong: section.Unless(allWords(o.ACRValues), whyOIDCWords)},
		{Key: "claims", Wrong: section.Unless(o.Claims == "" || isObject(o.Claims), whyOIDCClaims)},
		{Key: "siret", Wrong: section.Unless(!slices.ContainsFunc(o.Siret, func(s string) bool {
			return !siret.MatchString(s)
		}), whyOIDCSiret)},
		{Key: "roles_claim", Wrong: section.Unless(o.RolesClaim != "" || len(o.Roles) == 0, whyOIDCRolesClaim)},
		{Key: "roles", Wrong: section.Unless(o.RolesClaim == "" || len(o.Roles) > 0, whyOIDCRoles)},
	})
	return append(found, o.checkRoles()...)
}

func (o OIDC) checkRoles() (found []section.Finding) {
	for _, value := range slices.Sorted(maps.Keys(o.Roles)) {
		for _, text := range o.Roles[value] {
			if _, err := auth.ReadGrant(text); err != nil {
				found = append(found, section.Finding{At: path{"oidc", "roles", value}, Wrong: whyNoGrant(text, err)})
			}
		}
	}
	return found
}

func whyNoGrant(text string, err error) reason.Reason {
	why := reason.OfError(err)
	if told, ok := errors.AsType[*auth.Error](err); ok {
		why = told.Reason
	}
	return reason.Of(whyOIDCGrant, reason.Args{"role": section.Quoted(text), "why": why})
}

// isIssuer reports whether an address may be an issuer: no query and no fragment, and
// HTTPS, unless it is on this machine.
func isIssuer(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || err == nil && address.IsLoopback()
}

func allWords(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !scopeWord.MatchString(w) })
}

func isObject(text string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &object) == nil && object != nil
}
