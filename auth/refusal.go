package auth

import (
	"errors"
	"slices"
	"time"

	"relais/reason"
)

// Codes of what people are told when something about them or their session is refused.
const (
	CodeWrong        reason.Code = "people/sign_in_wrong" // name or password, never which
	CodeWait         reason.Code = "people/sign_in_wait"
	CodeBusy         reason.Code = "people/sign_in_busy"
	CodeDisabled     reason.Code = "people/sign_in_disabled"
	CodeStepWrong    reason.Code = "people/second_step_wrong"
	CodeStepUsed     reason.Code = "people/second_step_used"
	CodeStepNone     reason.Code = "people/second_step_none"
	CodeStepSet      reason.Code = "people/second_step_set"
	CodeStepNeeded   reason.Code = "people/second_step_needed"
	CodeSessionEnded reason.Code = "people/session_ended"
	CodeLink         reason.Code = "people/link_ended"
	CodeProof        reason.Code = "people/proof_wrong"

	CodePasskeyWrong   reason.Code = "people/passkey_wrong"
	CodePasskeyCopied  reason.Code = "people/passkey_copied"
	CodePasskeyLate    reason.Code = "people/passkey_late"
	CodePasskeyNone    reason.Code = "people/passkey_none"
	CodePasskeyKnown   reason.Code = "people/passkey_known"
	CodePasskeyUnknown reason.Code = "people/passkey_unknown"
	CodePasskeyLast    reason.Code = "people/passkey_last"
	CodePasskeyMany    reason.Code = "people/passkey_many"
	CodePasskeyName    reason.Code = "people/passkey_name"
	CodePasskeySite    reason.Code = "people/passkey_site"

	CodePasswordShort  reason.Code = "people/password_short"
	CodePasswordLong   reason.Code = "people/password_long"
	CodePasswordCommon reason.Code = "people/password_common"
	CodePasswordName   reason.Code = "people/password_name"
	CodePasswordSame   reason.Code = "people/password_same"

	CodeUserName     reason.Code = "people/user_name"
	CodeUserExists   reason.Code = "people/user_exists"
	CodeUserUnknown  reason.Code = "people/user_unknown"
	CodeDisplay      reason.Code = "people/display"
	CodeLanguage     reason.Code = "people/language"
	CodeRole         reason.Code = "people/role_unknown"
	CodeRoleWhole    reason.Code = "people/role_whole"
	CodeRoleAccount  reason.Code = "people/role_of_account"
	CodeAccount      reason.Code = "people/account_unknown"
	CodeLastAdmin    reason.Code = "people/last_admin"
	CodeRolesChanged reason.Code = "people/roles_changed"
	CodeMailChanged  reason.Code = "people/mail_changed"

	CodeStranger      reason.Code = "people/identity_unknown"  // who signed in elsewhere, and is nobody here
	CodeNoRole        reason.Code = "people/identity_no_role"  // whose provider gives them no role here
	CodeOther         reason.Code = "people/identity_other"    // another person than the one who is signed in
	CodeIdentityTaken reason.Code = "people/identity_taken"    // bound to another user meanwhile
	CodeNoPassword    reason.Code = "people/passwords_are_off" // where people sign in elsewhere
	CodeMail          reason.Code = "people/mail_wrong"
	CodeMailTaken     reason.Code = "people/mail_taken"
	CodeMailBound     reason.Code = "people/mail_bound"
)

// Error is what a person is told, and how long they wait before they try again.
type Error struct {
	Reason reason.Reason
	Wait   time.Duration // 0: no wait
}

// Error implements error.
func (e *Error) Error() string { return e.Reason.In(reason.English) }

func refuse(code reason.Code, args reason.Args) error { return &Error{Reason: reason.Of(code, args)} }

// Said is what an error of this package tells a person; zero: it is none for people.
func Said(err error) reason.Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return reason.Reason{}
}

// HasCode reports whether an error is what people are told under one of the codes.
func HasCode(err error, codes ...reason.Code) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Reason.Code)
}
