package dmc

import (
	"net/url"

	"relais/sandbox/world"
)

// findSpaces lists the spaces of the service: DMC developer guide v1.7, 2.7.1.
func (l *ledger) findSpaces(url.Values) (any, error) {
	const created int64 = 1_735_689_600_000 // 2025-01-01 in ms
	return listModel{[]map[string]any{{
		"spaceId": space, "spaceName": "Relais", "spaceDesc": "Espace simulé", "spaceCreation": created,
		"spaceActive": 1, "spaceService": ServiceID,
	}}, 1}, nil
}

// findServiceOadc lists the allowed sender names.
func (l *ledger) findServiceOadc(url.Values) (any, error) {
	return l.senders.Names(world.SenderEnabled), nil
}
