package models

import (
	"duban/models/day"
	"duban/models/deadline"
)

// The words of the leaves that the whole house speaks: they go by one name here as
// there.
type (
	Day      = day.Day
	Calendar = day.Calendar
	Tier     = deadline.Tier
)

// The three tiers.
const (
	Immediate    = deadline.Immediate    // 即知即改
	OnTheSpot    = deadline.OnTheSpot    // 立行立改
	PostFeedback = deadline.PostFeedback // 反馈整改
)
