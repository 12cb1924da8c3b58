package ovh

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/netip"
	"regexp"

	"relais/auth"
)

func users(c *call) (any, error) {
	all, err := c.Store.OVHUsers(c.ctx(), c.app.Account)
	logins := make([]string, len(all))
	for i := range all {
		logins[i] = all[i].Login
	}
	return logins, err
}

var passwords = regexp.MustCompile(`^\w{8}$`) // observed: the control panel

type userBody struct {
	Login    loose `json:"login"`
	Password loose `json:"password"`
}

func postUser(c *call) (any, error) {
	var b userBody
	if err := c.decode(&b, "login", "password"); err != nil {
		return nil, err
	}
	if b.Login.absent() {
		return nil, required("login")
	}
	if err := CheckLogin(b.Login.text); err != nil {
		return nil, invalid(err.Error())
	}
	if !passwords.MatchString(b.Password.text) {
		return nil, invalid("'password' is not 8 letters, digits and underscores")
	}
	_, err := c.Store.OVHUser(c.ctx(), c.app.Account, b.Login.text)
	if err == nil {
		return nil, &refusal{status: 409, message: "The user exists already"}
	}
	if !errors.Is(err, auth.ErrUnknown) {
		return nil, err
	}
	return nil, c.Store.KeepOVHUser(c.ctx(), User{
		Account: c.app.Account, Login: b.Login.text, CreatedAt: c.Now(), Limits: c.app.Limits,
		Password: digest(c.Derive, c.app.Account, b.Login.text, b.Password.text),
	})
}

// userCalls are the calls about logins.
type userCalls struct{ *call }

func (c userCalls) user() (User, error) {
	u, err := c.Store.OVHUser(c.ctx(), c.app.Account, c.values["login"])
	return u, missing(err, "user")
}

// userData is what clients set of a user and this gateway follows.
type userData struct {
	IPRestrictions []string `json:"ipRestrictions"`
}

func (u *User) data() (d userData, err error) {
	if len(u.Data) > 0 {
		err = json.Unmarshal(u.Data, &d)
	}
	return d, err
}

// getUser shows no password: it is not stored. There are no quotas.
func getUser(c *call) (any, error) {
	u, err := userCalls{c}.user()
	if err != nil {
		return nil, err
	}
	d, err := u.data()
	return map[string]any{
		"login": u.Login, "password": "", "callBack": nil, "stopCallBack": nil,
		"ipRestrictions":    append([]string{}, d.IPRestrictions...),
		"quotaInformations": map[string]any{"quotaLeft": 0, "quotaStatus": "inactive"},
		"alertThresholdInformations": map[string]any{
			"alertEmail": nil, "alertNumber": nil, "alertThreshold": 0,
			"support": "mail",
		},
	}, err
}

// userChange is the body of PUT users (documented: sms.User); what is null or
// left out stays as it is.
type userChange struct {
	Password       loose      `json:"password"`
	CallBack       *string    `json:"callBack"`
	StopCallBack   *string    `json:"stopCallBack"`
	IPRestrictions *looseList `json:"ipRestrictions"`
	Quota          struct {
		Status string `json:"quotaStatus"`
	} `json:"quotaInformations"`
}

// putUser changes the password and the addresses.
func putUser(c *call) (any, error) {
	u, err := userCalls{c}.user()
	if err != nil {
		return nil, err
	}
	if err := (userCalls{c}).mayChange(&u); err != nil {
		return nil, err
	}
	var b userChange
	if err := c.decode(&b, "login", "password", "callBack", "stopCallBack", "ipRestrictions",
		"quotaInformations", "alertThresholdInformations"); err != nil {
		return nil, err
	}
	for key, address := range map[string]*string{"callBack": b.CallBack, "stopCallBack": b.StopCallBack} {
		if address != nil && *address != "" {
			return nil, notBuilt("Relais does not call " + key +
				" of a user: set it for the account (PUT /sms/{serviceName})")
		}
	}
	if b.Quota.Status == "active" {
		return nil, notBuilt("Relais has no quotas for users")
	}
	if err := (userCalls{c}).changeUser(&u, &b); err != nil {
		return nil, err
	}
	return nil, c.Store.KeepOVHUser(c.ctx(), u)
}

// mayChange refuses to an application with limits a login with others: its password would
// be a way around them.
func (c userCalls) mayChange(u *User) error {
	if c.app.Limits.Bound() && !c.app.Limits.Same(&u.Limits) {
		return errGrant
	}
	return nil
}

func (c userCalls) changeUser(u *User, b *userChange) error {
	if password := b.Password.text; password != "" {
		if !passwords.MatchString(password) {
			return invalid("'password' is not 8 letters, digits and underscores")
		}
		u.Password = digest(c.Derive, u.Account, u.Login, password)
	}
	if b.IPRestrictions == nil {
		return nil
	}
	d := userData{IPRestrictions: *b.IPRestrictions}
	const most = 5 // documented
	if len(d.IPRestrictions) > most {
		return invalid("'ipRestrictions' holds more than 5 addresses")
	}
	for _, text := range d.IPRestrictions {
		if _, err := netip.ParseAddr(text); err != nil {
			return invalid("'ipRestrictions' holds what is no address")
		}
	}
	var err error
	u.Data, err = json.Marshal(d)
	return err
}

func deleteUser(c *call) (any, error) {
	if _, err := (userCalls{c}).user(); err != nil {
		return nil, err
	}
	return nil, c.Store.DeleteOVHUser(c.ctx(), c.app.Account, c.values["login"])
}

// Errors of Login.
var (
	ErrLogin   = errors.New("service, login or password is wrong")
	ErrAddress = errors.New("the login may not be used from this address")
)

// Login finds a user who sends, for callers without signatures. Which of the three texts
// is wrong does not show in the time that it takes. remote is an address, or host:port.
// The error is one of those above, or an *auth.Error that says what the login may not.
func (d *Door) Login(
	ctx context.Context, service, login, password, remote string,
) (user User, err error) {
	s, err := d.Store.OVHServiceNamed(ctx, service)
	if err != nil && !errors.Is(err, auth.ErrUnknown) {
		return User{}, err
	}
	u, err := d.Store.OVHUser(ctx, s.Account, login)
	if err != nil && !errors.Is(err, auth.ErrUnknown) {
		return User{}, err
	}
	given := digest(d.Derive, s.Account, login, password)
	if err != nil || subtle.ConstantTimeCompare(given, u.Password) != 1 {
		return User{}, ErrLogin
	}
	data, err := u.data()
	if err != nil {
		return User{}, err
	}
	at := addressOf(remote)
	if !allowed(data.IPRestrictions, at) {
		return User{}, ErrAddress
	}
	if err := u.Limits.Check(auth.KeySend, at.String(), d.Now()); err != nil {
		return User{}, err
	}
	d.use(u.KeyID())
	return u, nil
}
