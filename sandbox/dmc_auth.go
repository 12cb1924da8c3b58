package sandbox

import "encoding/json"

// dmcLogin is the authenticate parameter (documented: DMC developer guide v1.7,
// 1.1.6.3). lang is read and ignored: the texts of other languages are published
// nowhere.
type dmcLogin struct {
	ServiceID       loose `json:"serviceId"`
	ServicePassword loose `json:"servicePassword"`
	SpaceID         loose `json:"spaceId"`
	Lang            loose `json:"lang"`
}

// authenticate checks the credentials. A space is wanted but for AdminWS, since a
// client asks findSpaces without one (observed).
func (d *dmc) authenticate(call dmcCall) error {
	text := call.params.Get("authenticate")
	if good := d.goodLogin.Load(); good != nil && *good == text {
		return nil
	}
	var login dmcLogin
	if err := json.Unmarshal([]byte(text), &login); err != nil {
		return errDMCLogin
	}
	if login.ServiceID.text != DMCServiceID || login.ServicePassword.text != DMCPassword {
		return errDMCLogin
	}
	if login.SpaceID.absent() && call.service == "AdminWS" {
		return nil
	}
	if login.SpaceID.text != DMCSpaceID {
		return errDMCSpace
	}
	d.goodLogin.Store(&text)
	return nil
}
