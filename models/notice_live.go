package models

import (
	"context"
	"time"
)

// Watched is one open page that waits to hear of its reader's notices.
type Watched struct {
	Session string // its token
	User    User   // who they were when it began
}

// NoticeState is where a person's notices stand: when it differs, something came or
// was read.
type NoticeState struct {
	Unread int64
	Newest int64
}

// Watch says of each open page whether it may go on, which is when its session has
// not ended and its reader is who they were: neither disabled nor of another role or
// unit. And it says where the notices of each reader stand. It asks three times,
// however many pages are open.
func (s *Store) Watch(ctx context.Context, pages []Watched) (live []bool, states map[int64]NoticeState, err error) {
	live, states = make([]bool, len(pages)), map[int64]NoticeState{}
	if len(pages) == 0 {
		return live, states, nil
	}
	var tokens []string
	var ids []int64
	for _, p := range pages {
		tokens, ids = append(tokens, hashToken(p.Session)), append(ids, p.User.ID)
	}
	ids = distinct(ids)
	db := s.db.WithContext(ctx)
	sessions, people := map[string]bool{}, map[int64]User{}
	for from := 0; from < len(tokens); from += batch {
		var there []string
		err = db.Model(&session{}).Where("token IN ? AND expiry > ?", tokens[from:min(from+batch, len(tokens))], s.Now().UTC().Truncate(time.Second)).Pluck("token", &there).Error
		if err != nil {
			return nil, nil, err
		}
		for _, t := range there {
			sessions[t] = true
		}
	}
	for from := 0; from < len(ids); from += batch {
		some := ids[from:min(from+batch, len(ids))]
		var there []User
		if err = db.Select("id", "role", "unit_id").Where("id IN ? AND disabled = ?", some, false).Find(&there).Error; err != nil {
			return nil, nil, err
		}
		for _, u := range there {
			people[u.ID] = u
		}
		var rows []struct{ UserID, Unread, Newest int64 }
		err = db.Model(&Notice{}).Select("user_id, COUNT(*) AS unread, MAX(id) AS newest").Where("user_id IN ? AND read_at IS NULL", some).Group("user_id").Scan(&rows).Error
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			states[r.UserID] = NoticeState{r.Unread, r.Newest}
		}
	}
	for n, p := range pages {
		now, there := people[p.User.ID]
		live[n] = sessions[tokens[n]] && there && now.Role == p.User.Role && sameUnit(now.UnitID, p.User.UnitID)
	}
	return live, states, nil
}
