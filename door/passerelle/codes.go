package passerelle

import "relais/reason"

// What the door says of a request. The sentences stand in the catalogues.
const (
	codeCleaned            reason.Code = "text_cleaned"
	codeCut                reason.Code = "text_cut/characters"
	codeFamilySentence     reason.Code = "number_family/instance"
	codeMetadataCut        reason.Code = "metadata_cut"
	codeMetadataUnreadable reason.Code = "metadata_unreadable"
	codeSenderCleaned      reason.Code = "sender_cleaned"
	codeSenderDropped      reason.Code = "sender_dropped" // around the sentences of why
	codeSenderImpossible   reason.Code = "sender_dropped/impossible"
	codeSenderInstead      reason.Code = "sender_dropped/instead"
	codeSenderKind         reason.Code = "sender_dropped/kind"
)
