package app

import (
	"context"
	"net/url"

	"relais/connector"
	"relais/console"
	"relais/openid"
)

// elsewhere is the provider of identities by which people sign in; nil: none.
func (a *generation) elsewhere() *console.Elsewhere {
	c := a.config.OIDC
	if c.Issuer == "" {
		return nil
	}
	needed := []string{"email"}
	if c.RolesClaim != "" {
		needed = append(needed, c.RolesClaim)
	}
	if len(c.Siret) > 0 {
		needed = append(needed, "siret")
	}
	name := c.Name
	if at, err := url.Parse(c.Issuer); name == "" && err == nil {
		name = at.Host
	}
	const connections = 4 // people sign in one by one
	client := connector.NewHTTPClient(connections)
	a.ends.add("connections to the provider of identities", func(context.Context) error {
		client.CloseIdleConnections()
		return nil
	})
	return &console.Elsewhere{
		Provider: openid.New(openid.Options{
			Issuer: c.Issuer, ClientID: c.ClientID, Secret: c.ClientSecret.Reveal(),
			RedirectURI: a.config.PublicURL + console.BackFromProvider,
			AfterLogout: a.config.PublicURL + console.LeftProvider, Scopes: c.Scopes, PKCE: c.PKCE,
			ClientAuth: c.ClientAuth, ACRValues: c.ACRValues, Claims: c.Claims, Needed: needed,
			Client: client, Now: a.clock.Now,
		}),
		People: a.people, Name: name, EmergencyOnly: !c.Local, TrustEmail: c.TrustEmail, RolesClaim: c.RolesClaim,
		Roles: c.Grants(), TrustACR: c.TrustACR, TrustAMR: c.TrustAMR, Siret: c.Siret,
	}
}
