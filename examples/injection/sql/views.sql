-- Plain SQL is read as the database runs it.
create view paid_orders as select * from orders where status = 'paid';
