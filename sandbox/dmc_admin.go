package sandbox

import "net/url"

// findSpaces lists the spaces of the service: DMC developer guide v1.7, 2.7.1.
func (d *dmc) findSpaces(url.Values) (any, error) {
	const created int64 = 1_735_689_600_000 // 2025-01-01 in ms
	return dmcList{[]map[string]any{{
		"spaceId": dmcSpace, "spaceName": "Relais", "spaceDesc": "Espace simulé", "spaceCreation": created,
		"spaceActive": 1, "spaceService": DMCServiceID,
	}}, 1}, nil
}

// findServiceOadc lists the allowed sender names.
func (d *dmc) findServiceOadc(url.Values) (any, error) {
	return d.senders.names(senderEnabled), nil
}
