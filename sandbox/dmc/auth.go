package dmc

import (
	"encoding/json"

	"relais/sandbox/world"
)

// credentials is the authenticate parameter (documented: DMC developer guide v1.7,
// 1.1.6.3). lang is read and ignored: the texts of other languages are published
// nowhere.
type credentials struct {
	ServiceID       world.Loose `json:"serviceId"`
	ServicePassword world.Loose `json:"servicePassword"`
	SpaceID         world.Loose `json:"spaceId"`
	Lang            world.Loose `json:"lang"`
}

// authenticate checks the credentials. A space is wanted but for AdminWS, since a
// client asks findSpaces without one (observed).
func (d *Operator) authenticate(call request) error {
	text := call.params.Get("authenticate")
	if good := d.goodLogin.Load(); good != nil && *good == text {
		return nil
	}
	var login credentials
	if err := json.Unmarshal([]byte(text), &login); err != nil {
		return errLogin
	}
	if login.ServiceID.Text != ServiceID || login.ServicePassword.Text != Password {
		return errLogin
	}
	if login.SpaceID.Absent() && call.service == "AdminWS" {
		return nil
	}
	if login.SpaceID.Text != SpaceID {
		return errSpace
	}
	d.goodLogin.Store(&text)
	return nil
}
