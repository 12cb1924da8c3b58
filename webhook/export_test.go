package webhook

var NewTurn = newTurn
