package models

import "gorm.io/gorm"

// Behind is the database itself, for tests that go behind the program's back.
func (s *Store) Behind() *gorm.DB { return s.db }
