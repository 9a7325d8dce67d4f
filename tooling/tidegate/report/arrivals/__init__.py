"""What commits brought, and how that went on in the clusters."""
