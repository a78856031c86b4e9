"""The security model: roles, grants, users, policies, and what tells of them.

Kept apart from the SQL engine, so that it can be read and tested as what it is: an emulation of rules that
Snowflake documents. What is not modelled is refused in words ("the stand-in cannot …"), never accepted in silence.
"""
