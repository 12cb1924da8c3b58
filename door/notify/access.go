package notify

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relais/auth"
	"relais/door"
	"relais/internal/origin"
	"relais/sms"
)

// tolerance is how far the clock of a client may be off (documented: GNA).
const tolerance = 30 * time.Second

// algorithm is the only one that a token may be signed by (documented: GNA).
const algorithm = "HS256"

// denied refuses who did not prove to be anybody; what is said is that of GNA. The log says it too, without what was sent.
func (c *call) denied(status int, message string) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", message)
	if status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", "Bearer")
	}
	return refusalOf(status, authError, message)
}

func (c *call) invalidToken(message string) error {
	return c.denied(http.StatusForbidden, "Invalid token: "+message)
}

// authenticate reads the token of a request: signed with the secret of a key, it names the service and the moment.
func (c *call) authenticate() error {
	given := c.r.Header.Values("Authorization")
	if len(given) == 0 || given[0] == "" {
		return c.denied(http.StatusUnauthorized, "Unauthorized: authentication token must be provided")
	}
	const scheme = "bearer "
	if len(given) > 1 || len(given[0]) < len(scheme) || !strings.EqualFold(given[0][:len(scheme)], scheme) {
		return c.denied(http.StatusUnauthorized, "Unauthorized: authentication bearer scheme must be used")
	}
	text := strings.TrimSpace(given[0][len(scheme):])
	claims := &jwt.RegisteredClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(text, claims)
	switch {
	case err != nil:
		return c.invalidToken("signature, api token is not valid")
	case token.Method.Alg() != algorithm:
		return c.invalidToken("algorithm used is not HS256")
	case claims.Issuer == "":
		return c.invalidToken("iss field not provided")
	case !isUUID(claims.Issuer):
		return c.invalidToken("service id is not the right data type")
	}
	service := c.byID[strings.ToLower(claims.Issuer)]
	if service == nil || !door.Allows(service.AllowFrom, origin.Client(c.r)) {
		return c.invalidToken("service not found")
	}
	if c.key = keyOf(service, text); c.key == nil {
		return c.invalidToken("API key not found")
	}
	if claims.IssuedAt == nil || c.Now().Sub(claims.IssuedAt.Time).Abs() > tolerance {
		return c.denied(http.StatusForbidden, "Error: Your system clock must be accurate to within 30 seconds")
	}
	c.service = service
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), auth.By{Actor: c.actor(), Address: origin.Client(c.r)}))
	return nil
}

// keyOf finds the key that a token was signed with.
func keyOf(service *Service, token string) *Key {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithoutClaimsValidation())
	for i := range service.Keys {
		key := &service.Keys[i]
		_, err := parser.ParseWithClaims(token, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) {
			if key.Secret == "" {
				return nil, errors.New("a key without a secret signs nothing")
			}
			return []byte(key.Secret), nil
		})
		if err == nil {
			return key
		}
	}
	return nil
}

// actor stands in the timeline.
func (c *call) actor() sms.Actor {
	if c.service == nil {
		return sms.ActorNobody
	}
	return sms.DoorActor(Format, c.service.Name+"/"+c.key.Name)
}
