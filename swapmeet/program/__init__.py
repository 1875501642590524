"""Program owns sessions, teachers and sign-ups, the schedule pages and the calendar feed of a show."""
