"""The Git repository: snapshots of its branch, commits made by plumbing, its history."""
