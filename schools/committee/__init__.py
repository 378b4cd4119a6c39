"""Parents' committees: seats, meetings, resolutions and votes; a resolution opens the gates of the term."""
