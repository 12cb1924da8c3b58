package auth

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"relais/reason"
	"relais/sms"
)

// User is a person who signs in to the console.
type User struct {
	ID         string // random; never shown as a name
	Name       string // by which they sign in: unique, in small letters
	Display    string // how colleagues call them; hostile text, as everything that people write
	Language   reason.Language
	CreatedAt  time.Time
	DisabledAt time.Time // zero while they may sign in
	SignedInAt time.Time // the last time; zero: never
	Roles      []Grant

	Mail      string   // by which a provider of identities first knows them, in small letters; "": nobody invited one
	Identity  Identity // at a provider; zero: none was bound
	Emergency bool     // signs in by password where others may not

	HasPassword  bool
	SecondStepAt time.Time // since when codes are asked for; zero: they are not
	CodesLeft    int       // recovery codes that were not used
	PasskeyCount int
}

// Actor is the user as timelines and the audit name them.
func (u User) Actor() sms.Actor { return sms.UserActor(u.Name) }

// Shown is how the user is called on a page.
func (u User) Shown() string { return cmp.Or(u.Display, u.Name) }

// May reports whether the user has a right on an account; "" is the whole gateway, on
// which only roles for the whole gateway count.
func (u User) May(right Right, account string) bool {
	return u.DisabledAt.IsZero() && slices.ContainsFunc(u.Roles, func(g Grant) bool {
		return (g.Account == "" || g.Account == account) && g.Role.Has(right)
	})
}

// MayAnywhere reports whether the user has a right on some account, or on the whole
// gateway.
func (u User) MayAnywhere(right Right) bool {
	return u.DisabledAt.IsZero() && slices.ContainsFunc(u.Roles, func(g Grant) bool { return g.Role.Has(right) })
}

// Accounts returns those of all accounts on which the user has a right, in their order.
func (u User) Accounts(right Right, all []string) []string {
	may := []string{}
	for _, account := range all {
		if u.May(right, account) {
			may = append(may, account)
		}
	}
	return may
}

// HasSecondStep reports whether more than a password is asked for: codes by time or a
// passkey.
func (u User) HasSecondStep() bool { return !u.SecondStepAt.IsZero() || u.PasskeyCount > 0 }

// CanEnter reports whether the user has something to sign in with.
func (u User) CanEnter() bool {
	return u.HasPassword || u.PasskeyCount > 0 || u.Identity.Subject != ""
}

// NeedsSecondStep reports whether a role of the user asks for a second step.
func (u User) NeedsSecondStep() bool {
	return slices.ContainsFunc(u.Roles, func(g Grant) bool { return g.Role.NeedsSecondStep() })
}

// Is reports whether the user has a role, for whatever account.
func (u User) Is(role Role) bool {
	return slices.ContainsFunc(u.Roles, func(g Grant) bool { return g.Role == role })
}

// A sign-in name goes into logs, URLs and the audit. It may be a mail address.
var userNames = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,99}$`)

// UserName is a sign-in name as it is kept, however it is typed. The error is an *Error.
func UserName(typed string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(typed))
	if !userNames.MatchString(name) {
		return "", refuse(CodeUserName, nil)
	}
	return name, nil
}

// maxDisplay is the longest name that a page has room for.
const maxDisplay = 100

func checkDisplay(display string) error {
	if len([]rune(display)) > maxDisplay || strings.ContainsFunc(display, func(r rune) bool { return r < ' ' }) {
		return refuse(CodeDisplay, reason.Args{"most": reason.Count(maxDisplay)})
	}
	return nil
}

// checkRoles refuses roles that there are not, and those of the whole gateway for one
// account, and the other way round. It returns them in order, each once.
func checkRoles(roles []Grant) ([]Grant, error) {
	for _, g := range roles {
		args := reason.Args{"role": reason.Name(g.Role), "account": reason.Name(g.Account)}
		switch {
		case !g.Role.Valid():
			return nil, refuse(CodeRole, reason.Args{"role": args["role"], "roles": reason.Names(Roles())})
		case g.Role.WholeGateway() && g.Account != "":
			return nil, refuse(CodeRoleWhole, args)
		case !g.Role.WholeGateway() && g.Account == "":
			return nil, refuse(CodeRoleAccount, reason.Args{"role": args["role"]})
		}
	}
	return sortedRoles(roles), nil
}

func sortedRoles(roles []Grant) []Grant {
	sorted := slices.Clone(roles)
	slices.SortFunc(sorted, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Role, b.Role))
	})
	return slices.Compact(sorted)
}

// randomText is what nobody guesses, of so many bytes, in small letters and digits.
func randomText(size int) (string, error) {
	secret := make([]byte, size)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return random.EncodeToString(secret), nil
}
